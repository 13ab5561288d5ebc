-- By which clock the build told when something was known.
select coalesce(max(availability_clock), 'updated') as availability_clock
from marts.daily_insider_signal
