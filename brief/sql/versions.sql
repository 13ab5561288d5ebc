-- The versions of the weights and maps that the rows were made with.
select
    max(scores.score_version) as score_weights,
    max(scores.role_map_version) as role_map,
    (select max(transaction_type_map_version) from marts.insider_transaction_versions) as transaction_type_map,
    (select max(security_type_map_version) from marts.insider_transaction_versions) as security_type_map
from marts.issuer_scores as scores
where scores.signal_date = $day
