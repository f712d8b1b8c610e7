namespace PrivacyProxy.Testing.Listeners;

/// <summary>One CONNECT stream on an HTTP/3 connection of its own.</summary>
internal sealed class Http3TestClient : TestClient
{
    private readonly Http3Client _client;
    private readonly Http3Request _request;

    private Http3TestClient(Http3Client client, Http3Request request) => (_client, _request) = (client, request);

    /// <summary>The code of the RESET_STREAM received.</summary>
    public long? ResetCode { get; private set; }

    public static async Task<Http3TestClient> OpenAsync(ITransportConnection connection)
    {
        var client = await Http3Client.OpenAsync(connection);
        return new Http3TestClient(client, await client.NewRequestAsync());
    }

    public override async Task<TestAnswer> RequestAsync(string authority, params (string Name, string Value)[] fields)
    {
        await SendRequestAsync(authority, fields);
        return await ReadAnswerAsync();
    }

    /// <summary>Sends the request without waiting for its answer: for optimistic data.</summary>
    public Task SendRequestAsync(string authority, params (string Name, string Value)[] fields) => _request.SendHeadAsync(
        [new(":method", "CONNECT"), new(":authority", authority), .. fields.Select(static field => KeyValuePair.Create(field.Name, field.Value))]).AsTask();

    public override Task SendTemplatedAsync(string protocol, string path, params (string Name, string Value)[] fields) => _request.SendHeadAsync(
    [
        new(":method", "CONNECT"), new(":protocol", protocol), new(":scheme", "https"), new(":path", path), new(":authority", "proxy.test"),
        .. fields.Select(static field => KeyValuePair.Create(field.Name, field.Value)),
    ]).AsTask();

    public override Task<TestAnswer> ReadAnswerAsync() => _request.ReadHeadAsync().WaitAsync(TestTimes.Limit);

    public override Task WriteAsync(ReadOnlyMemory<byte> bytes) => _request.SendDataAsync(bytes).AsTask();

    public override async Task<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
            return await _request.ReadAsync(buffer);
        }
        catch (StreamAbortedException e)
        {
            ResetCode = e.Code;
            throw;
        }
    }

    public override Task EndAsync()
    {
        _request.End();
        return Task.CompletedTask;
    }

    public override Task ResetAsync()
    {
        _request.Reset(Http3Codes.RequestCancelled);
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync() => _client.DisposeAsync();
}
