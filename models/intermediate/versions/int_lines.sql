{{ config(materialized='view') }}

{{ staged('lines') }}
