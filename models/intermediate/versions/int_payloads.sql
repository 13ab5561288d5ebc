{{ config(materialized='view') }}

{{ staged('payloads') }}
