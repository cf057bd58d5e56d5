package dev.pinnace.internal.content;

/** As everywhere. */
class GunzipStreamTest extends GunzipStreamContract {
  @Override
  RawInflater inflater() {
    return RawInflater.jdk();
  }
}
