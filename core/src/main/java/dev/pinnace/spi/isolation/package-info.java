/**
 * The contract between the engine and what isolates a container. A backend takes a runtime-spec
 * configuration and a root file system, starts the program, and keeps it in view from then on. One
 * life: {@link dev.pinnace.spi.isolation.IsolationBackend#check check} before anything is made,
 * {@link dev.pinnace.spi.isolation.IsolationBackend#start start}, {@link
 * dev.pinnace.spi.isolation.RunningContainer running} with its execs, the {@link
 * dev.pinnace.spi.isolation.ExitRecord exit record} on disk, {@link
 * dev.pinnace.spi.isolation.IsolationBackend#cleanUp clean-up}. A JVM that did not start a
 * container {@link dev.pinnace.spi.isolation.IsolationBackend#adopt adopts} it. An {@link
 * dev.pinnace.spi.isolation.IsolationBackendProvider} makes a backend for each engine.
 */
@NullMarked
package dev.pinnace.spi.isolation;

import org.jspecify.annotations.NullMarked;
