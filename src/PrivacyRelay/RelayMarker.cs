namespace PrivacyRelay;

internal static class RelayMarker;
