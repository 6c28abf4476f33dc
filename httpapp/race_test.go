//go:build race

package httpapp

const raceDetector = true
