package dev.pinnace.benchmarks;

import java.io.IOException;

/** A program that pulls an image. */
interface Puller {
  String name();

  /** Makes an empty store, or one that has what the scenario says. Not measured. */
  void prepare() throws IOException, InterruptedException;

  /** Pulls. Returns when containers could be made of the image. */
  void run() throws IOException, InterruptedException;

  /** Removes the store. Not measured. */
  void clean() throws IOException, InterruptedException;
}
