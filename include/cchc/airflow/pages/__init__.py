"""Our pages in Airflow, behind its own login: units by days, scorecards, Great Expectations' Data Docs."""
