"""What a scan says of experiments: it does none of them."""
