package answer

func loadAndLook(names []string, room int,
	load func(name string) []byte, look func(picture []byte)) {
	loaded, free, done := make(chan []byte, room+1), make(chan bool, room+1), make(chan bool)
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
