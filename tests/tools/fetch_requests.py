"""Fetches a page with requests, through the proxy of the environment: fetch_requests.py CA_FILE URL"""
import sys

import requests

answer = requests.get(sys.argv[2], verify=sys.argv[1], timeout=60)
answer.raise_for_status()
sys.stdout.write(answer.text)
