"""The page of unit × day in Airflow: who delivered on which day, behind Airflow's own login."""
