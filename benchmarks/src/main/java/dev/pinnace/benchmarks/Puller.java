package dev.pinnace.benchmarks;

import java.io.IOException;
import java.nio.file.Path;

/** A program that pulls an image. */
interface Puller {
  String name();

  /**
   * Makes an empty store, or one that has what the scenario says. Not measured.
   *
   * @param store where it goes: nothing is there yet
   */
  void prepare(Path store) throws IOException, InterruptedException;

  /** Pulls. Returns when containers could be made of the image. */
  void run() throws IOException, InterruptedException;

  /** Lets go of the store, which stays. Not measured. */
  void end() throws IOException, InterruptedException;
}
