{{ config(materialized='view') }}

{{ staged('owners') }}
