using System.Buffers;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;

namespace PrivacyProxy.Listeners.KestrelHttp3;

/// <summary>What Kestrel holds of an HTTP/3 request for as long as it is served, and a tunnel's needs no more: more than the tunnel itself.</summary>
internal static class RequestMemory
{
    private const BindingFlags Private = BindingFlags.Instance | BindingFlags.NonPublic;

    private static FieldInfo? _frameWriter, _headBuffer;
    private static bool _isUnknown;

    /// <summary>Of a request whose answer has begun: the text of its credentials, and the 16 KiB in which the answer's head was encoded.</summary>
    public static void Trim(HttpContext context)
    {
        context.Request.Headers.Remove("Proxy-Authorization");
        context.Request.Headers.Remove("Authorization");
        if (HeadBuffer(context.Features.Get<IHttpResponseFeature>()) is not { } buffer) return;
        try
        {
            // It takes another array when there are trailers.
            buffer.ResetWrittenCount();
            Buffer<byte>.Of(buffer) = [];
        }
        catch (MissingFieldException)
        {
            _isUnknown = true;
        }
    }

    /// <summary>Kestrel's, by names that are its own affair: null where it has others, which costs the memory and nothing else.</summary>
    internal static ArrayBufferWriter<byte>? HeadBuffer(object? stream)
    {
        if (_isUnknown || stream is null) return null;
        if (_headBuffer is null)
        {
            for (var type = stream.GetType(); type is not null && _frameWriter is null; type = type.BaseType) _frameWriter = type.GetField("_frameWriter", Private);
            _headBuffer = _frameWriter?.FieldType.GetField("_headerEncodingBuffer", Private);
            _isUnknown = _headBuffer?.FieldType != typeof(ArrayBufferWriter<byte>);
            if (_isUnknown) return null;
        }

        return _frameWriter!.GetValue(stream) is { } writer ? (ArrayBufferWriter<byte>?)_headBuffer!.GetValue(writer) : null;
    }

    private static class Buffer<T>
    {
        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_buffer")]
        public static extern ref T[] Of(ArrayBufferWriter<T> writer);
    }
}
