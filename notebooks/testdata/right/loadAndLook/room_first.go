package answer

func loadAndLook(names []string, room int,
	load func(name string) []byte, look func(picture []byte)) {
	const others = 2 // one is looked at, one in hand
	loaded, free, done := make(chan []byte, room+others), make(chan bool, room+others), make(chan bool)
	go func() {
		for range names {
			picture := <-loaded
			look(picture)
			<-free
		}
		close(done)
	}()
	for _, name := range names {
		free <- true
		loaded <- load(name)
	}
	<-done
}
