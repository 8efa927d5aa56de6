drop table conversion_entry, conversion, attempt_body, attempt, cap_hold, cap_window, delivery;
