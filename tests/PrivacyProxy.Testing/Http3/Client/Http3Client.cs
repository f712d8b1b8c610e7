namespace PrivacyProxy.Testing.Http3.Client;

/// <summary>A client's HTTP/3 connection by hand (RFC 9114), over any transport: control streams, and requests that no library sends.</summary>
internal sealed class Http3Client : IAsyncDisposable
{
    private readonly ITransportConnection _connection;
    private readonly TaskCompletionSource<Dictionary<ulong, ulong>> _settings = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ulong> _goAway = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _accepting = Task.CompletedTask;

    // Held: a stream of QUIC that nobody holds is closed, and with the control stream the connection.
    private ITransportStream? _control;

    private Http3Client(ITransportConnection connection) => _connection = connection;

    /// <summary>What the server's SETTINGS frame holds.</summary>
    public Task<Dictionary<ulong, ulong>> Settings => _settings.Task;

    /// <summary>The id of the server's GOAWAY, once it comes.</summary>
    public Task<ulong> GoAway => _goAway.Task;

    /// <summary>Opens the control stream; takes over the connection.</summary>
    /// <param name="connection">The transport.</param>
    /// <param name="settings">Settings, each a number and its value.</param>
    public static async Task<Http3Client> OpenAsync(ITransportConnection connection, params ulong[] settings)
    {
        var client = new Http3Client(connection);
        var control = client._control = await connection.OpenAsync(bidirectional: false);
        // A reserved setting (RFC 9114, section 7.2.4.1), which the server must ignore.
        var frame = FrameWriter.Frame(Http3Codes.SettingsFrame, FrameWriter.Integers([0x21, 1, .. settings]));
        await control.WriteAsync((byte[])[.. FrameWriter.Integers(Http3Codes.ControlStream), .. frame]);
        client._accepting = client.AcceptAsync();
        return client;
    }

    /// <summary>Bytes on the control stream, frames or not.</summary>
    public ValueTask SendControlAsync(ReadOnlyMemory<byte> bytes) => _control!.WriteAsync(bytes);

    /// <summary>A stream for one request.</summary>
    public async Task<Http3Request> NewRequestAsync() => new(await _connection.OpenAsync(bidirectional: true));

    /// <summary>Sends a request's head.</summary>
    public async Task<Http3Request> RequestAsync(params IEnumerable<KeyValuePair<string, string>> fields)
    {
        var request = await NewRequestAsync();
        await request.SendHeadAsync(fields);
        return request;
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.CloseAsync(Http3Codes.NoError);
        if (_control is not null) await _control.DisposeAsync();
        await _connection.DisposeAsync();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var reading = new List<Task>();
        try
        {
            while (true) reading.Add(ReadAsync(await _connection.AcceptAsync()));
        }
        catch (IOException e)
        {
            await Task.WhenAll(reading);
            _settings.TrySetException(e);
            _goAway.TrySetException(e);
            // Nobody need have looked.
            _ = (_settings.Task.Exception, _goAway.Task.Exception);
        }
    }

    private async Task ReadAsync(ITransportStream stream)
    {
        try
        {
            var frames = new FrameReader(stream);
            // Kestrel opens no other.
            if (await frames.TryReadIntegerAsync() != Http3Codes.ControlStream) return;
            while (await frames.TryReadIntegerAsync() is { } type)
            {
                var payload = await frames.ReadBytesAsync(await frames.ReadIntegerAsync());
                if (type == Http3Codes.SettingsFrame) _settings.TrySetResult(Http3Settings.Read(payload));
                else if (type == Http3Codes.GoAwayFrame) _goAway.TrySetResult(Http3Settings.ReadInteger(payload));
            }
        }
        catch (IOException)
        {
            // The connection has ended.
        }
    }
}
