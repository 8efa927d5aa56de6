drop table postback_delivery;
