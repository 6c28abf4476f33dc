// Package paste reads the PasteDeploy dialect: it turns an api-paste.ini into
// a description of an application.
//
// It owns the file's syntax (Python's ConfigParser as PasteDeploy sets it up),
// the rules by which sections name and wrap one another, and the closed table
// of factory paths that hadron has built-ins for. [Load] and [Parse] answer a
// [Description]: a tree of [URLMap], [Pipeline], [Filter] and [App] values in
// which every part knows the file and line it comes from.
//
// It promises that a description is complete: whatever the named application
// reaches has resolved, and every factory in it is one of the table. What does
// not resolve is an error that names file, line, section and value; what the
// application does not reach can only cause a warning.
//
// It never runs a factory, never serves a request, never imports Python, and
// reads no file but the one it is given and those that one includes with
// "use = config:".
//
// Precedence follows PasteDeploy 2 and later, which every release of Neutron
// since 2018 runs with: values that are handed down, by "set" or to an included
// file, win over [DEFAULT]; a plain key that [DEFAULT] has too is ignored. Up to
// 1.5.2 (Newton) [DEFAULT] won; a file that uses neither "set" nor "config:"
// reads the same under both. The tests compare this package with the real
// PasteDeploy; what it does better on purpose is their list of differences. The
// main ones: a filter-with may wrap a pipeline, a filter-app and a section that
// has one itself; keys laid over such a section by "use" reach the application
// or filter inside; "call:" may stand in a pipeline and in a filter-app; and
// values handed to an included file are never read for references again.
package paste
