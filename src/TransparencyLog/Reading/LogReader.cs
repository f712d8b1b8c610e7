using System.Buffers.Binary;
using System.Net;
using TransparencyLog.Merkle;
using TransparencyLog.Notes;
using TransparencyLog.Proofs;
using TransparencyLog.Serving;

namespace TransparencyLog.Reading;

/// <summary>Reads a log over HTTP, each answer bounded in time and size. What it reads is not checked yet. It does not own the client.</summary>
/// <param name="http">Whom it trusts is its own affair; it must not follow redirects.</param>
/// <param name="prefix">Where the log is; <c>checkpoint</c> is below it.</param>
internal sealed class LogReader(HttpClient http, Uri prefix)
{
    private const int LargestBundle = TilePath.Full * (sizeof(ushort) + ushort.MaxValue);

    /// <summary>The most that is read at a time, in bytes: a log is somebody else's.</summary>
    private const long MostAtOnce = 256 << 20;

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);

    private readonly Uri _prefix = prefix.AbsolutePath.EndsWith('/') ? prefix : new Uri(prefix.GetLeftPart(UriPartial.Path) + '/');

    /// <exception cref="LogUnreachableException">It cannot be had, or is none.</exception>
    public async Task<SignedNote> ReadCheckpointAsync(CancellationToken cancellationToken) =>
        SignedNote.Parse(await ReadAsync(LogResource.CheckpointPath, SignedNote.MaxSize, cancellationToken)) ?? throw new LogUnreachableException($"{_prefix}{LogResource.CheckpointPath} is no checkpoint.");

    /// <summary>The log's proof that it has an entry; null where it has no such proof.</summary>
    /// <exception cref="LogUnreachableException">There is no answer, or one that is no proof.</exception>
    public async Task<LogProof?> ReadProofAsync(MerkleHash leaf, CancellationToken cancellationToken)
    {
        var path = LogResource.ProofPath + LogResource.NameOf(leaf);
        if (await TryReadAsync(path, SignedNote.MaxSize, cancellationToken) is not { } body) return null;
        return LogProof.Parse(body) ?? throw new LogUnreachableException($"{_prefix}{path} is no proof.");
    }

    /// <summary>The entries from one on, up to a size that the log has.</summary>
    /// <exception cref="LogUnreachableException">They cannot be had.</exception>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadEntriesAsync(long from, long size, CancellationToken cancellationToken)
    {
        List<ReadOnlyMemory<byte>> entries = [];
        var read = 0L;
        for (var index = from >> 8; index << 8 < size; index++)
        {
            var path = new TilePath(TilePath.Entries, index, (int)Math.Min(TilePath.Full, size - (index << 8)));
            var bundle = Split(await ReadAsync(path.ToString(), LargestBundle, cancellationToken));
            if (bundle.Count != path.Width) throw new LogUnreachableException($"{_prefix}{path} does not hold {path.Width} entries.");
            read += bundle.Sum(static entry => (long)entry.Length);
            if (read > MostAtOnce) throw new LogUnreachableException($"{_prefix} has more than {MostAtOnce >> 20} MiB of entries that are new.");
            entries.AddRange(bundle.Skip((int)Math.Max(0, from - (index << 8))));
        }

        return entries;
    }

    /// <summary>The tree of a size that the log has, from its tiles.</summary>
    /// <exception cref="LogUnreachableException">They cannot be had.</exception>
    public async Task<MerkleTree> ReadTreeAsync(long size, CancellationToken cancellationToken)
    {
        var tree = new MerkleTree();
        for (var index = 0L; index << 8 < size; index++)
        {
            var path = new TilePath(0, index, (int)Math.Min(TilePath.Full, size - (index << 8)));
            var tile = await ReadAsync(path.ToString(), TilePath.Full * MerkleHash.Size, cancellationToken);
            if (tile.Length != path.Width * MerkleHash.Size) throw new LogUnreachableException($"{_prefix}{path} does not hold {path.Width} hashes.");
            for (var i = 0; i < path.Width; i++) tree.Append(new MerkleHash(tile.AsSpan(i * MerkleHash.Size, MerkleHash.Size)));
        }

        return tree;
    }

    /// <summary>Sends a request and reads an answer of at most the given size.</summary>
    /// <exception cref="LogUnreachableException">There is none in time, or a larger one.</exception>
    internal static async Task<(HttpStatusCode Status, byte[] Body)> SendAsync(HttpClient http, HttpRequestMessage request, int largest, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_timeout);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            await using var stream = await response.Content.ReadAsStreamAsync(timeout.Token);
            using var body = new MemoryStream();
            var buffer = new byte[16 * 1024];
            while (await stream.ReadAsync(buffer, timeout.Token) is > 0 and var read)
            {
                if (body.Length + read > largest) throw new LogUnreachableException($"{request.RequestUri} answered with more than {largest} bytes.");
                body.Write(buffer, 0, read);
            }

            return (response.StatusCode, body.ToArray());
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LogUnreachableException($"{request.RequestUri} did not answer within {_timeout.TotalSeconds} seconds.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new LogUnreachableException($"{request.RequestUri} cannot be reached: {e.GetBaseException().Message}", e);
        }
    }

    private async Task<byte[]> ReadAsync(string path, int largest, CancellationToken cancellationToken) =>
        await TryReadAsync(path, largest, cancellationToken) ?? throw new LogUnreachableException($"{_prefix}{path} is not there.");

    private async Task<byte[]?> TryReadAsync(string path, int largest, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_prefix, path));
        var (status, body) = await SendAsync(http, request, largest, cancellationToken);
        return status switch
        {
            HttpStatusCode.OK => body,
            HttpStatusCode.NotFound => null,
            _ => throw new LogUnreachableException($"{request.RequestUri} answered {(int)status}."),
        };
    }

    private List<ReadOnlyMemory<byte>> Split(byte[] bundle)
    {
        List<ReadOnlyMemory<byte>> entries = [];
        for (var at = 0; at < bundle.Length;)
        {
            if (at + sizeof(ushort) > bundle.Length) throw Torn();
            var length = BinaryPrimitives.ReadUInt16BigEndian(bundle.AsSpan(at));
            if (length == 0 || at + sizeof(ushort) + length > bundle.Length) throw Torn();
            entries.Add(bundle.AsMemory(at + sizeof(ushort), length));
            at += sizeof(ushort) + length;
        }

        return entries;

        LogUnreachableException Torn() => new($"{_prefix} answered with a bundle of entries that is torn.");
    }
}
