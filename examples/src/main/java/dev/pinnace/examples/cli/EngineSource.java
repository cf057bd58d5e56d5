package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;

/** What a subcommand is below: the command line itself, or a group of subcommands. */
interface EngineSource {
  /** Opens the engine that the flags before the subcommand describe. */
  Pinnace open();
}
