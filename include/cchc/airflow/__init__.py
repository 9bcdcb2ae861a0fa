"""Airflow's side of the product: assets, pools, retries, connections. Nothing else here knows of Airflow."""
