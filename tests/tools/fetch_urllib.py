"""Fetches a page with urllib, through the proxy of the environment: fetch_urllib.py CA_FILE URL"""
import ssl
import sys
import urllib.request

context = ssl.create_default_context(cafile=sys.argv[1])
sys.stdout.write(urllib.request.urlopen(sys.argv[2], context=context, timeout=60).read().decode())
