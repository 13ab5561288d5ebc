{{ config(materialized='view') }}

{{ staged('records') }}
