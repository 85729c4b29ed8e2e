package parallel

// Processes runs calls in processes of their own, as many as the Parallel has
// jobs: copies of this program, started when they are first needed, that end when
// the Parallel is closed or this program ends. See "Processes" in the package's
// documentation. Where there is no Unix, its calls fail.
var Processes Backend = processes{}

type processes struct{}

func (processes) Features() Features { return HardTimeout | Limits }

// Serve is for programs whose functions need more than what is initialised before
// them: as the first statement of main it says that a worker's process may run the
// program's whole initialisation, and has to be served from here. In a worker's
// process it never returns. Else it does nothing else.
//
// Functions may then also be registered in main, before Serve.
func Serve() {
	serves.Store(true)
	if asked.name == "" {
		return
	}
	f, ok := functions.get(asked.name)
	if !ok {
		giveUp("Serve was called before Func(%q); register the functions first", asked.name)
	}
	serve(f)
}
