select date_day
from ({{ days_between(var('calendar_start_date'), var('calendar_end_date')) }}) as days
