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
}
