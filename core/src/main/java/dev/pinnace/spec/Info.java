package dev.pinnace.spec;

import java.nio.file.Path;
import java.util.List;

/**
 * What an engine is and what its host can do.
 *
 * @param version of Pinnace
 * @param root directory
 * @param runDirectory of locks and sockets
 * @param storage driver's name
 * @param isolation backend's name
 * @param containers how many there are
 * @param running how many of them run
 * @param images how many there are, by id; 0 where the list of images cannot be read
 * @param features of the host, tried; what is missing says why and what would bring it. A list of
 *     images that cannot be read is among them
 */
public record Info(
    String version,
    Path root,
    Path runDirectory,
    String storage,
    String isolation,
    int containers,
    int running,
    int images,
    List<HostFeature> features) {
  public Info {
    features = List.copyOf(features);
  }
}
