-- Whose rank would differ if seniority were told by the article's five words (version 1 of the role map) and not by the version in use?
with seniority as (

    select
        evidence.source,
        evidence.issuer_id,
        max(regexp_matches(lower(owners.raw_role), 'ceo|chief|cfo|director|chair')::int) as by_article
    from {{ ref('signal_evidence') }} as evidence
    inner join {{ ref('filing_owners') }} as owners
        on evidence.filing_source = owners.source
        and evidence.filing_id = owners.filing_id
    group by evidence.source, evidence.issuer_id

),

scores as (

    select
        ranking.*,
        -- The article gives one point for a senior buyer.
        ranking.score - ranking.senior_buyer_term + coalesce(seniority.by_article, 0) as score_by_article
    from {{ ref('daily_insider_signal') }} as ranking
    inner join seniority
        on ranking.source = seniority.source
        and ranking.issuer_id = seniority.issuer_id

),

ranked as (

    select
        *,
        row_number() over (order by round(score_by_article, 9) desc, source asc, issuer_id asc) as rank_by_article
    from scores

)

select
    issuer_name,
    role_map_version,
    rank,
    rank_by_article,
    round(score, 2) as score,
    round(score_by_article, 2) as score_by_article
from ranked
where rank <> rank_by_article
order by abs(rank - rank_by_article) desc, rank asc
