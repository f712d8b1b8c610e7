using System.Buffers;
using System.IO.Pipelines;
using Masque;
using PrivacyProxy.Listeners.KestrelHttp3.Frames;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyProxy.LoadTests.Clients.Http3;

/// <summary>Frames of HTTP/3 (RFC 9114, section 7.1).</summary>
internal static class Http3Frames
{
    /// <summary>Writes a whole one, without a flush.</summary>
    public static void Write(PipeWriter output, ulong type, ReadOnlySpan<byte> payload)
    {
        output.Advance(CapsuleWriter.WriteHeader(output.GetSpan(CapsuleWriter.MaxHeaderLength), type, (ulong)payload.Length));
        output.Write(payload);
    }

    /// <summary>Reads the start of a stream of one direction; false while it takes more. Null where it is no control stream.</summary>
    public static bool TryReadSettings(ReadOnlySequence<byte> start, out Dictionary<ulong, ulong>? settings)
    {
        settings = null;
        if (!VarInt.TryRead(ref start, out var stream)) return false;
        if (stream != Http3Codes.ControlStream) return true;
        if (!Frame.TryReadHeader(ref start, out var type, out var length) || (ulong)start.Length < length) return false;
        if (type != Http3Codes.SettingsFrame) return true;
        settings = [];
        for (var rest = start.Slice(0, (long)length); VarInt.TryRead(ref rest, out var id) && VarInt.TryRead(ref rest, out var value);) settings[id] = value;
        return true;
    }
}
