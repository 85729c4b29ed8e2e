package parallel

import (
	"encoding"
	"encoding/gob"
	"fmt"
	"reflect"
)

// crosses returns an error if gob cannot carry values of a type, or would leave
// something out without a word.
func crosses(t reflect.Type) error {
	return crossing(t, map[reflect.Type]bool{})
}

var (
	gobEncoder      = reflect.TypeFor[gob.GobEncoder]()
	binaryMarshaler = reflect.TypeFor[encoding.BinaryMarshaler]()
)

func crossing(t reflect.Type, seen map[reflect.Type]bool) error {
	if seen[t] {
		return nil
	}
	seen[t] = true
	for _, has := range []reflect.Type{gobEncoder, binaryMarshaler} {
		if t.Implements(has) || t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(has) {
			return nil
		}
	}
	switch t.Kind() {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return fmt.Errorf("a value of type %v has no meaning there; pass what the function needs to make its own", t)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return crossing(t.Elem(), seen)
	case reflect.Map:
		if err := crossing(t.Key(), seen); err != nil {
			return err
		}
		return crossing(t.Elem(), seen)
	case reflect.Struct:
		exported := 0
		for i := range t.NumField() {
			f := t.Field(i)
			if !f.IsExported() {
				continue
			}
			exported++
			if err := crossing(f.Type, seen); err != nil {
				return fmt.Errorf("field %s of %v: %w", f.Name, t, err)
			}
		}
		if exported == 0 && t.Size() > 0 {
			return fmt.Errorf("type %v has only unexported fields, which gob leaves out; export those that matter, or give the type GobEncode and GobDecode", t)
		}
	}
	return nil
}
