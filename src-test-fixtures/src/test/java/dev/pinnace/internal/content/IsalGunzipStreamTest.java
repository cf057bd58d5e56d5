package dev.pinnace.internal.content;

import dev.pinnace.fixtures.needs.Needs;

/** As where ISA-L is installed. */
@Needs("isal")
class IsalGunzipStreamTest extends GunzipStreamContract {
  @Override
  RawInflater inflater() {
    return RawInflater.isal();
  }
}
