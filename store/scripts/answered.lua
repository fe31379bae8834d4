-- What was answered to a request with this idempotency key before anything else is looked at: what it changed may stand in its own way by now.
return first_answer() or { 'unanswered' }
