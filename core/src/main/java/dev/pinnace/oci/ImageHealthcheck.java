package dev.pinnace.oci;

import java.time.Duration;
import java.util.List;

/**
 * Docker's health check of an image. Zero means "not said": Docker's defaults apply.
 *
 * @param test {@code ["NONE"]}, {@code ["CMD", args...]} or {@code ["CMD-SHELL", line]}; empty
 *     inherits
 * @param interval time between two checks
 * @param timeout time after which a check has failed
 * @param startPeriod time after the start in which failures do not count
 * @param startInterval time between two checks in the start period
 * @param retries failures in a row that make a container unhealthy
 */
public record ImageHealthcheck(
    List<String> test,
    Duration interval,
    Duration timeout,
    Duration startPeriod,
    Duration startInterval,
    int retries) {
  public ImageHealthcheck {
    test = List.copyOf(test);
  }
}
