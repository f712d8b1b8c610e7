using System.Net;
using Microsoft.Extensions.Time.Testing;
using TransparencyLog.Notes;
using TransparencyLog.Reading;
using TransparencyLog.Serving;
using TransparencyLog.Storage;

namespace TransparencyLog.Tests;

/// <summary>A log in a folder of its own, with a clock that stands still, that is read as over HTTP.</summary>
internal sealed class TestLog : HttpMessageHandler
{
    public static readonly Uri Url = new("http://log.example/key-log");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("log-tests-");
    private HttpClient? _http;

    public TestLog(NoteSigner? signer = null, int entries = 0)
    {
        Signer = signer ?? NoteSigner.Generate("log.example", NoteKeyKind.Note);
        Fill(entries);
        Log = StoredLog.Open(Folder, Signer, Time);
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    public NoteSigner Signer { get; }

    public StoredLog Log { get; private set; }

    public string Folder => Path.Combine(_folder.FullName, "log");

    public string Beside(string name) => Path.Combine(_folder.FullName, name);

    public HttpClient Http => _http ??= new HttpClient(this, disposeHandler: false);

    public LogReader Reader => new(Http, Url);

    /// <summary>What is asked is answered from these files in place of the log.</summary>
    public string? Files { get; set; }

    /// <summary>What is asked is answered from this log.</summary>
    public StoredLog? Shown { get; set; }

    public void Reopen()
    {
        Log.Dispose();
        Log = StoredLog.Open(Folder, Signer, Time);
    }

    /// <summary>At once, with one flush: what many appends would have left.</summary>
    private void Fill(int entries)
    {
        using var store = EntryStore.Open(Folder);
        store.Extend([.. Enumerable.Range(0, entries).Select(static index => (ReadOnlyMemory<byte>)Trees.Entry(index))], tree =>
        {
            var text = new Checkpoint(Signer.Key.Name, tree.Size, tree.Root).Text;
            return new SignedNote(text, [Signer.Sign(text, default)]);
        });
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath["/key-log/".Length..];
        var body = Files is { } files ? (File.Exists(Path.Combine(files, path)) ? File.ReadAllBytes(Path.Combine(files, path)) : null) : LogResource.Find(Shown ?? Log, path)?.Body;
        return Task.FromResult(new HttpResponseMessage(body is null ? HttpStatusCode.NotFound : HttpStatusCode.OK) { Content = new ByteArrayContent(body ?? []) });
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Log.Dispose();
            _http?.Dispose();
            _folder.Delete(recursive: true);
        }

        base.Dispose(disposing);
    }
}
