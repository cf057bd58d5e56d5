package dev.pinnace.event;

import dev.pinnace.spec.Digest;

/**
 * How far one blob of a pull or push is. A listener gets the latest of each blob, at most ten times
 * a second, and the last of each always.
 *
 * @param blob the layer or document
 * @param phase what is being done with it
 * @param current bytes received or sent so far, as they are on the line
 * @param total its length in bytes
 */
public record TransferProgress(Digest blob, Phase phase, long current, long total) {
  /** What is being done with a blob; each blob goes through some of these, in this order. */
  public enum Phase {
    /** Nothing: others come first, or somebody else transfers the same one. */
    WAITING,
    /** It was there before. The end of it. */
    EXISTS,
    /** Left out of a push: a layer that registries must not hand on. The end of it. */
    SKIPPED,
    /** Taken over from another repository of the registry. The end of it. */
    MOUNTED,
    /** Being received; what has come is unpacked beside it. */
    DOWNLOADING,
    /** All has come; the rest is being unpacked, or waits for the layer below. */
    UNPACKING,
    /** Being sent. */
    UPLOADING,
    /** It is there. The end of it. */
    DONE
  }
}
