module example.org/shop/pkg/bench
