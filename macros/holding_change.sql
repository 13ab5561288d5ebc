{#-
    What a trade adds to the holding before it, as a share of that; below zero for a sale. Null where nothing was held before, or too little for what was sold.

    direction: expression of `buy`, `sell` or another text
    shares, owned_after: expressions of the shares traded, and of those held after the trade
-#}
{% macro holding_change(direction, shares, owned_after) -%}
    case
        when {{ direction }} = 'buy' and {{ owned_after }} > {{ shares }}
            then {{ as_double(shares) }} / {{ as_double('(' ~ owned_after ~ ' - ' ~ shares ~ ')') }}
        when {{ direction }} = 'sell' and {{ owned_after }} >= 0 and {{ owned_after }} + {{ shares }} > 0
            then - {{ as_double(shares) }} / {{ as_double('(' ~ owned_after ~ ' + ' ~ shares ~ ')') }}
    end
{%- endmacro %}
