{{ config(materialized='view') }}

{{ staged('observations') }}
