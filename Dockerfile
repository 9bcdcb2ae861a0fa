# One image for every Airflow service and for the `cchc` command.
FROM python:3.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/opt/cchc/include \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/cchc/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/cchc/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=false \
    GX_ANALYTICS_ENABLED=false \
    CCHC_HOME=/var/lib/cchc

# reports as PDF
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libreoffice-writer-nogui fonts-liberation \
    && rm -rf /var/lib/apt/lists/*

COPY requirements.txt /opt/cchc/
RUN pip install --no-cache-dir --require-hashes --only-binary :all: --requirement /opt/cchc/requirements.txt

# The service user can write its logs and its data, not the code.
RUN useradd --system --uid 50000 --home-dir /opt/airflow cchc \
    && install --directory --owner cchc --group cchc /opt/airflow /opt/airflow/logs /var/lib/cchc \
    && printf '#!/bin/sh\nexec python -m cchc "$@"\n' >/usr/local/bin/cchc \
    && chmod 755 /usr/local/bin/cchc

COPY include /opt/cchc/include
COPY dags /opt/cchc/dags
COPY plugins /opt/cchc/plugins

USER cchc
WORKDIR /var/lib/cchc
