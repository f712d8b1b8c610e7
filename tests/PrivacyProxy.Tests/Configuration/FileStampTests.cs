using PrivacyProxy.Configuration;

namespace PrivacyProxy.Tests.Configuration;

/// <summary>Whether files have changed is seen by looking at them.</summary>
public sealed class FileStampTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly DateTime _time = DateTime.UtcNow;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Another_content_of_the_same_size_and_time_is_a_change_and_the_same_one_is_not()
    {
        Write("settings.json", "one");
        var before = Stamp("settings.json");
        Assert.Equal(before, Stamp("settings.json"));
        Write("settings.json", "two");
        Assert.NotEqual(before, Stamp("settings.json"));
    }

    [Fact]
    public void So_is_a_link_in_the_way_to_a_file_that_leads_to_another_of_the_same_size_and_time()
    {
        foreach (var name in new[] { "one", "two" })
        {
            Directory.CreateDirectory(_folder.File(name));
            Write(Path.Combine(name, "tls.crt"), name);
        }

        Directory.CreateSymbolicLink(_folder.File("..data"), "one");
        File.CreateSymbolicLink(_folder.File("tls.crt"), "..data/tls.crt");
        var before = Stamp("tls.crt");
        Directory.Delete(_folder.File("..data"));
        Directory.CreateSymbolicLink(_folder.File("..data"), "two");
        Assert.NotEqual(before, Stamp("tls.crt"));
    }

    [Fact]
    public void Of_a_folder_every_file_counts_by_name_and_content()
    {
        Write("one", "1");
        var empty = FileStamp.Of([_folder.Path]);
        Write("two", "2");
        var both = FileStamp.Of([_folder.Path]);
        Assert.NotEqual(empty, both);
        Write("two", "3");
        Assert.NotEqual(both, FileStamp.Of([_folder.Path]));
        File.Delete(_folder.File("two"));
        Assert.Equal(empty, FileStamp.Of([_folder.Path]));
    }

    /// <summary>A file of many megabytes is not read every second, and what has no size, a device or a pipe, never.</summary>
    [Fact]
    public void What_is_large_or_has_no_size_is_not_read()
    {
        WriteLarge(0);
        var before = Stamp("large");
        WriteLarge(1);
        Assert.Equal(before, Stamp("large"));
        File.SetLastWriteTimeUtc(_folder.File("large"), _time.AddMinutes(-1));
        Assert.NotEqual(before, Stamp("large"));
        if (OperatingSystem.IsLinux()) Assert.Contains("/dev/zero", FileStamp.Of(["/dev/zero"]), StringComparison.Ordinal);
    }

    private void WriteLarge(byte first)
    {
        using (var file = File.OpenWrite(_folder.File("large")))
        {
            file.WriteByte(first);
            file.SetLength(100 << 20);
        }

        File.SetLastWriteTimeUtc(_folder.File("large"), _time);
    }

    private string Stamp(string name) => FileStamp.Of([_folder.File(name)]);

    private void Write(string name, string text)
    {
        File.WriteAllText(_folder.File(name), text);
        File.SetLastWriteTimeUtc(_folder.File(name), _time);
    }
}
