using MsQuic.Native;

namespace MsQuic;

/// <summary>Whether QUIC is to be had here: it needs libmsquic, which the machine brings.</summary>
public static class QuicLibrary
{
    /// <summary>Whether it is.</summary>
    public static bool IsSupported => Library.Problem is null;

    /// <summary>Why not, in one line that says which version is needed; null when it is.</summary>
    public static string? Problem => Library.Problem;

    /// <summary>The version of libmsquic that was found; null without one.</summary>
    public static Version? Version => Library.Version;

    /// <summary>
    /// From now on every client of every listener in this process shows by Retry that it is at its address, before anything is kept for it
    /// (RFC 9000, section 8.1.2); that takes a round trip more. Otherwise libmsquic asks once handshakes take more than its share of memory.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">There is no libmsquic.</exception>
    /// <exception cref="QuicException">It refuses.</exception>
    public static void RequireAddressValidation() => Parameters.RequireRetry();
}
