namespace PrivacyPass.AspNetCore;

internal static class Marker;
