"""What every domain stands on: errors, money, ids, time, transactions, events. It knows no shop word."""
