drop index attempt_failed_idx;
