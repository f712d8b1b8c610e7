using System.Diagnostics;
using System.Security.Cryptography;
using TransparencyLog.Merkle;
using TransparencyLog.Notes;
using TransparencyLog.Proofs;
using TransparencyLog.Reading;
using TransparencyLog.Serving;
using Xunit.Abstractions;

namespace TransparencyLog.Tests.Serving;

public sealed class LogResourceTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0, 1234067, 256, "tile/0/x001/x234/067")]
    [InlineData(1, 0, 17, "tile/1/000.p/17")]
    [InlineData(-1, 1000, 112, "tile/entries/x001/000.p/112")]
    public void The_path_of_a_tile_is_that_of_the_specification(int level, long index, int width, string path)
    {
        Assert.Equal(path, new TilePath(level, index, width).ToString());
        Assert.Equal(new TilePath(level, index, width), TilePath.Parse(path));
    }

    [Theory]
    [InlineData("tile/0/00")]
    [InlineData("tile/0/0001")]
    [InlineData("tile/00/000")]
    [InlineData("tile/64/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/0/001/000")]
    [InlineData("tile/0/x000/000")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/01")]
    [InlineData("tile/0/000.p/")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("tile/0/../000")]
    [InlineData("tile/0")]
    public void What_is_no_path_of_a_tile_finds_nothing(string path)
    {
        using var test = new TestLog(entries: 2);
        Assert.Null(LogResource.Find(test.Log, path));
    }

    [Fact]
    public void The_tiles_of_a_size_are_those_of_the_specifications_example() =>
        Assert.Equal(
            [(-1, 274, 112), (0, 274, 112), (1, 2, 17), (2, 1, 1)],
            TilePath.Of(70_000).GroupBy(static tile => tile.Level).Select(static level => (level.Key, level.Count(), level.Last().Width)));

    [Fact]
    public async Task A_reader_gets_every_entry_and_the_tree_of_every_size_from_the_tiles()
    {
        using var test = new TestLog(entries: 515);
        foreach (var size in (int[])[1, 255, 256, 257, 512, 515])
        {
            Assert.Equal(Trees.Of(size).Root, (await test.Reader.ReadTreeAsync(size, default)).Root);
            var entries = await test.Reader.ReadEntriesAsync(size / 2, size, default);
            Assert.Equal(Enumerable.Range(size / 2, size - (size / 2)).Select(index => Trees.Entry(index)), entries.Select(static entry => entry.ToArray()));
        }

        Assert.Equal(Trees.Of(512).Root, MerkleHash.OfNode(new MerkleHash(LogResource.Find(test.Log, "tile/1/000.p/1")!.Body), new MerkleHash(LogResource.Find(test.Log, "tile/1/000.p/2")!.Body.AsSpan(32))));
        await Assert.ThrowsAsync<LogUnreachableException>(() => test.Reader.ReadEntriesAsync(0, 516, default));
    }

    [Fact]
    public async Task On_a_host_of_mere_files_a_reader_makes_the_proof_itself()
    {
        using var test = new TestLog(entries: 300);
        StaticSite.Write(test.Log, test.Beside("site"));
        test.Log.Append(Trees.Entry(300));
        StaticSite.Write(test.Log, test.Beside("site"));
        test.Files = test.Beside("site");
        var audited = new AuditedLog(test.Reader, new LogTrust(test.Signer.Key, [], 0, TimeSpan.FromDays(1)), test.Time);

        var there = await audited.CheckAsync(Trees.Entry(300), default);
        var missing = await audited.CheckAsync(Trees.Entry(301), default);

        Assert.Equal((ProofFault.None, 300L), (there.Fault, there.Proof!.Index));
        Assert.True(MerkleProof.IsIncluded(MerkleHash.OfLeaf(Trees.Entry(300)), 300, 301, Trees.Of(301).Root, there.Proof.Path));
        Assert.Equal(ProofFault.NotLogged, missing.Fault);
        var tile = Path.Combine(test.Files, "tile/0/000");
        var hashes = File.ReadAllBytes(tile);
        MerkleHash.OfLeaf(Trees.Entry(301)).CopyTo(hashes);
        File.WriteAllBytes(tile, hashes);
        Assert.Equal(ProofFault.NotIncluded, (await audited.CheckAsync(Trees.Entry(301), default)).Fault);
        File.WriteAllBytes(tile, hashes[1..]);
        Assert.Equal(ProofFault.Unreachable, (await audited.CheckAsync(Trees.Entry(300), default)).Fault);
    }

    [Fact]
    public void A_consistency_proof_is_served_for_sizes_that_the_log_has_had()
    {
        using var test = new TestLog(entries: 7);
        var lines = System.Text.Encoding.UTF8.GetString(LogResource.Find(test.Log, "consistency/3/7")!.Body).Split('\n')[..^1];
        Assert.True(MerkleProof.IsConsistent(3, Trees.Of(3).Root, 7, Trees.Of(7).Root, LogProof.Hashes(lines)!));
        Assert.Null(LogResource.Find(test.Log, "consistency/3/8"));
        Assert.Null(LogResource.Find(test.Log, "consistency/4/3"));
        Assert.Null(LogResource.Find(test.Log, "consistency/-1/3"));
        Assert.Null(LogResource.Find(test.Log, "consistency/3"));
    }

    /// <summary>The number of docs/auditing.md: entries as large as a directory, three cosigners. The time is told, not asserted: machines are busy.</summary>
    [Fact]
    public void A_proof_from_ten_thousand_entries_has_at_most_two_kilobytes()
    {
        using var test = new TestLog();
        using var cosigner = NoteSigner.Generate("auditor-of-some-name.example", NoteKeyKind.Cosignature);
        for (var index = 0; index < 3; index++) test.Log.Append(RandomNumberGenerator.GetBytes(1200));
        var tree = Trees.Of(10_000);
        var watch = Stopwatch.StartNew();
        const int Rounds = 1000;
        var text = new Checkpoint(test.Signer.Key.Name, tree.Size, tree.Root).Text;
        var note = new SignedNote(text, [test.Signer.Sign(text, default), .. Enumerable.Repeat(cosigner.Sign(text, test.Time.GetUtcNow()), 3)]);
        var bytes = 0;
        for (var index = 0; index < Rounds; index++)
            bytes = Math.Max(bytes, new LogProof(index * 10, tree.ProveInclusion(index * 10, tree.Size), note).ToString().Length);
        output.WriteLine($"{bytes} characters, {watch.Elapsed.TotalMilliseconds / Rounds:0.0000} ms a proof");
        Assert.InRange(bytes, 1, 2000);
    }
}
