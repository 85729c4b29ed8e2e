package web_test

import (
	"fmt"
	"os"

	"github.com/threads2go/course/charts/web"
)

// Without the course's environment there is no chart library, and the error says how to get it.
func ExampleScript() {
	os.Unsetenv("COURSE_ENV")
	_, err := web.Script()
	fmt.Println(err)
	// Output: web: COURSE_ENV is not set, so the chart library cannot be found; run `make lab`, which sets it up and starts JupyterLab with it
}
