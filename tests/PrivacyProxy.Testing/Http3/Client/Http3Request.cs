namespace PrivacyProxy.Testing.Http3.Client;

/// <summary>One request stream.</summary>
internal sealed class Http3Request(ITransportStream stream)
{
    private readonly FrameReader _frames = new(stream);
    private ulong _dataLeft;

    public ValueTask SendHeadAsync(IEnumerable<KeyValuePair<string, string>> fields) => stream.WriteAsync(FrameWriter.Frame(Http3Codes.HeadersFrame, Qpack.Write(fields)));

    /// <summary>One DATA frame.</summary>
    public async ValueTask SendDataAsync(ReadOnlyMemory<byte> bytes)
    {
        await stream.WriteAsync(FrameWriter.Integers(Http3Codes.DataFrame, (ulong)bytes.Length));
        if (!bytes.IsEmpty) await stream.WriteAsync(bytes);
    }

    /// <summary>Bytes as they are, frames or not.</summary>
    public ValueTask SendRawAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

    /// <summary>Half-closes.</summary>
    public void End() => stream.CompleteWrites();

    /// <summary>Gives up both directions.</summary>
    public void Reset(long code)
    {
        stream.Reset(code);
        stream.StopSending(code);
    }

    /// <summary>The head of the answer; its status is the first field.</summary>
    public async Task<TestAnswer> ReadHeadAsync()
    {
        while (true)
        {
            var type = await _frames.ReadIntegerAsync();
            var payload = await _frames.ReadBytesAsync(await _frames.ReadIntegerAsync());
            if (type != Http3Codes.HeadersFrame) continue;
            var fields = Qpack.Read(payload);
            return new TestAnswer(int.Parse(fields.First(field => field.Key == ":status").Value), fields);
        }
    }

    /// <summary>Bytes of DATA frames; 0 at the end.</summary>
    /// <exception cref="StreamAbortedException">The server has reset the stream.</exception>
    public async Task<int> ReadAsync(Memory<byte> buffer)
    {
        while (_dataLeft == 0)
        {
            if (await _frames.TryReadIntegerAsync() is not { } type) return 0;
            var length = await _frames.ReadIntegerAsync();
            if (type == Http3Codes.DataFrame) _dataLeft = length;
            else await _frames.ReadBytesAsync(length);
        }

        var count = await _frames.ReadAsync(buffer[..(int)Math.Min((ulong)buffer.Length, _dataLeft)]);
        if (count == 0) throw new EndOfStreamException();
        _dataLeft -= (ulong)count;
        return count;
    }
}
